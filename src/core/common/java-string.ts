/**
 * Java's String.hashCode, which RocketMQ writes to disk (tags code, index key) and orders hash tables by.
 */

/** s[0]*31^(n-1) + ... over UTF-16 units, wrapped to a signed 32-bit integer. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Java's String.compareTo order: by UTF-16 code unit. Never localeCompare: it loads ICU's collator (12 ms a start). */
export function compareJavaStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
