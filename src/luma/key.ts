/** Whether the text can be a Luma key: it must fit into a header, which fetch refuses with a message that quotes it. */
export function isLumaKey(text: string): boolean {
  return /^[\x21-\x7e]{1,500}$/.test(text);
}
