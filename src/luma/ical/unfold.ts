const [LF, CR, SPACE, TAB] = [0x0a, 0x0d, 0x20, 0x09];

/**
 * Joins folded lines (RFC 5545, 3.1). Works on bytes, and so before they are decoded: a line may be folded within a
 * character.
 */
export function unfold(folded: Buffer): Buffer {
  const unfolded = Buffer.allocUnsafe(folded.length);
  let [from, length] = [0, 0];
  for (let at = folded.indexOf(LF); at !== -1; at = folded.indexOf(LF, at + 1)) {
    const next = folded[at + 1];
    if (next !== SPACE && next !== TAB) continue;
    const end = folded[at - 1] === CR ? at - 1 : at;
    if (end > from) length += folded.copy(unfolded, length, from, end);
    from = at + 2;
  }
  length += folded.copy(unfolded, length, from);
  return unfolded.subarray(0, length);
}
