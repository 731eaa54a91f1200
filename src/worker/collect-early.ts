import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 collect garbage once the heap has grown by half, not only when it has grown several times over as it does
 * on a machine with much memory. A worker then keeps below 300 MB with calendars of any size, for the same CPU time
 * (docs/scale.md).
 */
export function collectEarly(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
