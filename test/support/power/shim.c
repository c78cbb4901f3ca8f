// Preloaded into a program (LD_PRELOAD), this notes every change of a file below POWER_DIR before it happens, so that a
// power cut can be made of a kill afterwards: all that was written and not yet synced can be taken back, whole or in
// parts. Notes are appended to POWER_LOG: a line, and behind it the bytes that it announces. What a rename or a removal
// would destroy is kept as a link in POWER_KEPT, which is on the same file system.
//
//   W inode offset size before after   bytes written at offset to a file of that size: so many old ones, then new ones
//   T inode length size before         cut or grown to a length: the old bytes beyond it
//   S inode                            the file is synced
//   C path                             made
//   R from<TAB>to<TAB>link             renamed; link: what stood there before, or empty
//   U path<TAB>link                    removed
//   D path                             the folder is synced
//   A                                  everything is synced
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *kept;
static size_t root_length;
static int log_fd = -1;
static unsigned kept_count;

static void fail(const char *what) {
  dprintf(2, "power shim: %s: %s\n", what, strerror(errno));
  _exit(99);
}

__attribute__((constructor)) static void start(void) {
  const char *log = getenv("POWER_LOG");
  root = getenv("POWER_DIR");
  kept = getenv("POWER_KEPT");
  if (!log || !root || !kept) { root = NULL; return; }
  root_length = strlen(root);
  log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd < 0) fail(log);
}

// One note at a time, also of several programs that write below the folder.
static void begin_note(void) {
  pthread_mutex_lock(&turn);
  flock(log_fd, LOCK_EX);
}

static void end_note(void) {
  flock(log_fd, LOCK_UN);
  pthread_mutex_unlock(&turn);
}

static void say_bytes(const void *bytes, size_t length) {
  for (size_t said = 0; said < length;) {
    ssize_t n = syscall(SYS_write, log_fd, (const char *)bytes + said, length - said);
    if (n < 0 && errno != EINTR) fail("log");
    if (n > 0) said += n;
  }
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
  char line[3 * PATH_MAX];
  va_list list;
  va_start(list, format);
  int length = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  if (length < 0 || (size_t)length >= sizeof line) fail("a note is too long");
  say_bytes(line, length);
}

static int is_below(const char *path) {
  return root && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int path_of(int fd, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return 1;
}

// Whether changes by this descriptor are noted.
static int is_noted(int fd, struct stat *info) {
  char path[PATH_MAX];
  if (!root || fd == log_fd || syscall(SYS_fstat, fd, info) != 0) return 0;
  return (S_ISREG(info->st_mode) || S_ISDIR(info->st_mode)) && path_of(fd, path) && is_below(path);
}

// An absolute path, with the folder of the last part resolved, so that links and `..` don't hide it.
static int absolute(int folder, const char *path, char whole[PATH_MAX]) {
  char joined[2 * PATH_MAX], base[PATH_MAX] = "";
  if (!root || !path) return 0;
  if (path[0] == '/') snprintf(joined, sizeof joined, "%s", path);
  else {
    if (folder == AT_FDCWD ? !getcwd(base, sizeof base) : !path_of(folder, base)) return 0;
    snprintf(joined, sizeof joined, "%s/%s", base, path);
  }
  char *last = strrchr(joined, '/'), parent[PATH_MAX];
  *last = 0;
  if (!realpath(joined[0] ? joined : "/", parent)) return 0;
  if (snprintf(whole, PATH_MAX, "%s/%s", parent, last + 1) >= PATH_MAX) return 0;
  return is_below(whole);
}

// Old bytes of a file; the descriptor itself may be for writing only.
static char *old_bytes(int fd, off_t offset, size_t *length, off_t size) {
  size_t want = offset >= size ? 0 : (size_t)(size - offset) < *length ? (size_t)(size - offset) : *length;
  char *bytes = malloc(want + 1), link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  int reader = want ? syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC, 0) : -1;
  size_t got = 0;
  while (got < want) {
    ssize_t n = syscall(SYS_pread64, reader, bytes + got, want - got, offset + got);
    if (n <= 0) break;
    got += n;
  }
  if (reader >= 0) syscall(SYS_close, reader);
  *length = got;
  return bytes;
}

static void note_write(int fd, const struct stat *info, off_t offset, const struct iovec *parts, int count) {
  size_t after = 0;
  for (int i = 0; i < count; i++) after += parts[i].iov_len;
  size_t before = after;
  char *old = old_bytes(fd, offset, &before, info->st_size);
  say("W %lu %ld %ld %zu %zu\n", info->st_ino, offset, info->st_size, before, after);
  say_bytes(old, before);
  for (int i = 0; i < count; i++) say_bytes(parts[i].iov_base, parts[i].iov_len);
  free(old);
}

static void note_length(int fd, const struct stat *info, off_t length) {
  size_t before = info->st_size > length ? info->st_size - length : 0;
  char *old = old_bytes(fd, length, &before, info->st_size);
  say("T %lu %ld %ld %zu\n", info->st_ino, length, info->st_size, before);
  say_bytes(old, before);
  free(old);
}

static off_t place_of(int fd, const struct stat *info) {
  return fcntl(fd, F_GETFL) & O_APPEND ? info->st_size : syscall(SYS_lseek, fd, 0, SEEK_CUR);
}

static ssize_t noted_write(int fd, const struct iovec *parts, int count, off_t offset, int is_placed) {
  struct stat info;
  int is_ours = is_noted(fd, &info);
  if (is_ours) {
    begin_note();
    syscall(SYS_fstat, fd, &info);
    note_write(fd, &info, is_placed ? offset : place_of(fd, &info), parts, count);
  }
  ssize_t n = is_placed ? syscall(SYS_pwritev, fd, parts, count, offset, 0L) : syscall(SYS_writev, fd, parts, count);
  int error = errno;
  if (is_ours) end_note();
  errno = error;
  return n;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct iovec part = {(void *)bytes, length};
  return noted_write(fd, &part, 1, 0, 0);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  struct iovec part = {(void *)bytes, length};
  return noted_write(fd, &part, 1, offset, 1);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return noted_write(fd, parts, count, 0, 0); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  return noted_write(fd, parts, count, offset, 1);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) { return pwritev64(fd, parts, count, offset); }

int ftruncate64(int fd, off64_t length) {
  struct stat info;
  int is_ours = is_noted(fd, &info);
  if (is_ours) {
    begin_note();
    syscall(SYS_fstat, fd, &info);
    note_length(fd, &info, length);
  }
  int result = syscall(SYS_ftruncate, fd, length);
  int error = errno;
  if (is_ours) end_note();
  errno = error;
  return result;
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int noted_sync(int fd, long call) {
  struct stat info;
  char path[PATH_MAX];
  int is_ours = is_noted(fd, &info);
  if (is_ours) begin_note();
  int result = syscall(call, fd), error = errno;
  if (is_ours && result == 0) {
    if (S_ISDIR(info.st_mode) && path_of(fd, path)) say("D %s\n", path);
    else say("S %lu\n", info.st_ino);
  }
  if (is_ours) end_note();
  errno = error;
  return result;
}
int fsync(int fd) { return noted_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return noted_sync(fd, SYS_fdatasync); }
int syncfs(int fd) {
  struct stat info;
  int is_ours = is_noted(fd, &info);
  if (is_ours) begin_note();
  int result = syscall(SYS_syncfs, fd), error = errno;
  if (is_ours && result == 0) say("A\n");
  if (is_ours) end_note();
  errno = error;
  return result;
}

static int noted_open(int folder, const char *path, int flags, mode_t mode) {
  char whole[PATH_MAX];
  struct stat info;
  int is_change = (flags & (O_CREAT | O_TRUNC)) && absolute(folder, path, whole);
  if (!is_change) return syscall(SYS_openat, folder, path, flags, mode);
  begin_note();
  int is_there = syscall(SYS_newfstatat, AT_FDCWD, whole, &info, 0) == 0;
  // Cut only once it is noted what stood there.
  int fd = syscall(SYS_openat, folder, path, flags & ~O_TRUNC, mode), error = errno;
  if (fd >= 0 && !is_there) say("C %s\n", whole);
  if (fd >= 0 && is_there && (flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY) {
    note_length(fd, &info, 0);
    syscall(SYS_ftruncate, fd, 0);
  }
  end_note();
  errno = error;
  return fd;
}

#define OPENER(name, folder, parameters) \
  int name parameters { \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
      va_list list; \
      va_start(list, flags); \
      mode = va_arg(list, mode_t); \
      va_end(list); \
    } \
    return noted_open(folder, path, flags, mode); \
  }
OPENER(open, AT_FDCWD, (const char *path, int flags, ...))
OPENER(open64, AT_FDCWD, (const char *path, int flags, ...))
OPENER(openat, folder, (int folder, const char *path, int flags, ...))
OPENER(openat64, folder, (int folder, const char *path, int flags, ...))

// Keeps what stands at a path; the name of its link, or empty where nothing stands there.
static void keep(const char *path, char link[64]) {
  char whole[PATH_MAX];
  snprintf(link, 64, "%d-%u", getpid(), ++kept_count);
  snprintf(whole, sizeof whole, "%s/%s", kept, link);
  if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, whole, 0) == 0) return;
  if (errno != ENOENT) fail("link");
  link[0] = 0;
}

int symlinkat(const char *target, int folder, const char *path) {
  char whole[PATH_MAX];
  int is_ours = absolute(folder, path, whole);
  if (is_ours) begin_note();
  int result = syscall(SYS_symlinkat, target, folder, path), error = errno;
  if (is_ours && result == 0) say("C %s\n", whole);
  if (is_ours) end_note();
  errno = error;
  return result;
}
int symlink(const char *target, const char *path) { return symlinkat(target, AT_FDCWD, path); }

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  char a[PATH_MAX], b[PATH_MAX], link[64];
  int is_ours = absolute(from_folder, from, a) && absolute(to_folder, to, b);
  if (is_ours) {
    begin_note();
    keep(b, link);
  }
  int result = syscall(SYS_renameat2, from_folder, from, to_folder, to, flags), error = errno;
  if (is_ours && result == 0) say("R %s\t%s\t%s\n", a, b, link);
  if (is_ours) end_note();
  errno = error;
  return result;
}
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  return renameat2(from_folder, from, to_folder, to, 0);
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char *path, int flags) {
  char whole[PATH_MAX], link[64];
  int is_ours = !(flags & AT_REMOVEDIR) && absolute(folder, path, whole);
  if (is_ours) {
    begin_note();
    keep(whole, link);
  }
  int result = syscall(SYS_unlinkat, folder, path, flags), error = errno;
  if (is_ours && result == 0) say("U %s\t%s\n", whole, link);
  if (is_ours) end_note();
  errno = error;
  return result;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
