import { HUB, PROGRAM, type Example } from './example.ts';

// Test vectors, too: the key of `CLAIM_CSR` was made for them, and the proofs are keyed by `CLAIM_CODE`.

export const CLAIM_CODE = '7K4QD9XM2PA6HC0TZVBN';
export const CLAIM_ID = 'ccf6cc545ad0b7ebc940577e12cc399e';
export const CLAIM_OWNER = 'Hotel Adler';
export const CLAIM_CSR =
  'MIHNMHUCAQAwEzERMA8GA1UEAxMIaHViLTAwNDIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASq3OxrgBqVjHAh1yxe4aKiS+pZIxo59QdOd0KZ+U0N3hFGrxjQ2xolf/FCRguwcv6FZTO1f/1hel8gcnUVUW+foAAwCgYIKoZIzj0EAwIDSAAwRQIgLaJyK9a7hv1Ni0M9P0VxZZMlKomGUXAzRmRjXQexFI8CIQD5ZuwkHESzwcTA79XFrnRsIAvQKHN7KS43lXtkGFh7KA==';
export const CLAIM_CERTIFICATE =
  'MIIBJDCBy6ADAgECAggBI0VniavN7zAKBggqhkjOPQQDAjAaMRgwFgYDVQQDEw9FeGFtcGxlIGRldmljZXMwHhcNMjYxMTIyMTQwMDAwWhcNMjgxMTIxMTQwMDAwWjATMREwDwYDVQQDEwhodWItMDA0MjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKrc7GuAGpWMcCHXLF7hoqJL6lkjGjn1B053Qpn5TQ3eEUavGNDbGiV/8UJGC7By/oVlM7V//WF6XyBydRVRb5+jAjAAMAoGCCqGSM49BAMCA0gAMEUCIQDSEwmh5yk3qLTl1tIuPXbS5H1PEkMZbFLlc2EUGBwsegIgCRZQDvStZEQNu1snlGDnL5lymVHqOC1itwrVfu+uGtM=';

export const CLAIM_REQUEST_EXAMPLES: readonly Example[] = [
  {
    name: 'claim_request',
    summary: `Of a hub that shows the code ${CLAIM_CODE}.`,
    payload: {
      v: 1,
      hub_id: HUB,
      version: PROGRAM,
      csr: CLAIM_CSR,
      proof: 'Pf9DjdM2oUius8ZPkGjk6D_289Wq3mbMwAQjqRP6aac',
    },
  },
];

export const CLAIM_ANSWER_EXAMPLES: readonly Example[] = [
  {
    name: 'claim_answer',
    summary: 'Somebody told the code.',
    payload: {
      v: 1,
      certificates: [CLAIM_CERTIFICATE],
      owner: CLAIM_OWNER,
      proof: 'cLp7h1Ft_cthP5rL2uIKTXZMh4SdihWqClDYfOd1Zc8',
    },
  },
  {
    name: 'claim_answer-refused',
    summary: 'Somebody told the code, and the cloud knows another hub of this name.',
    payload: { v: 1, refused: 'hub_id_taken', proof: 'GeOipebrP5dRuiRR9lQLUueqQs9yXBZQA6LqmigluJU' },
  },
];

export const CERTIFICATE_REQUEST_EXAMPLES: readonly Example[] = [
  {
    name: 'certificate_request',
    summary: 'The same request as the one that the hub was claimed with.',
    payload: { v: 1, csr: CLAIM_CSR },
  },
];

export const CERTIFICATE_EXAMPLES: readonly Example[] = [
  {
    name: 'certificate',
    summary: 'The certificate alone, of an authority that the broker knows.',
    payload: { v: 1, certificates: [CLAIM_CERTIFICATE] },
  },
];
