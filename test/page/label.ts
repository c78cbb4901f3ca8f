import { encodeQR } from 'qr';

const WIDTH = 1280;
const HEIGHT = 720;
const MODULE_PX = 8;
const FRAMES = 10;
const WHITE = 235;
const BLACK = 16;
const GREY = 128;

/** A film of a label with this QR code, as a browser's camera would see it: y4m, 4:2:0. */
export function filmOfLabel(text: string): Buffer {
  const modules = encodeQR(text, 'raw');
  const left = Math.floor((WIDTH - modules.length * MODULE_PX) / 2);
  const top = Math.floor((HEIGHT - modules.length * MODULE_PX) / 2);
  const light = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  for (const [row, line] of modules.entries()) {
    for (const [column, isDark] of line.entries()) {
      if (!isDark) continue;
      for (let y = 0; y < MODULE_PX; y += 1) {
        const start = (top + row * MODULE_PX + y) * WIDTH + left + column * MODULE_PX;
        light.fill(BLACK, start, start + MODULE_PX);
      }
    }
  }
  const colour = Buffer.alloc((WIDTH * HEIGHT) / 2, GREY);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, colour]);
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  return Buffer.concat([header, ...Array.from({ length: FRAMES }, () => frame)]);
}

/** A photo of a label with this QR code, as a GIF. */
export function photoOfLabel(text: string): Buffer {
  return Buffer.from(encodeQR(text, 'gif', { scale: MODULE_PX }));
}
