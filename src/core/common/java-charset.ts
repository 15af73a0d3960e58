/**
 * Bytes to text by the name of a Java charset, as `new String(bytes, name)` reads them: what is malformed becomes U+FFFD, a
 * byte order mark stays (but in UTF-16, where it tells the order). Of a few Asian charsets Java and the Encoding Standard,
 * which Node follows, disagree about characters that are hardly used.
 */

type Decode = (bytes: Buffer) => string;

const REPLACEMENT = '\ufffd';
/** First byte of U+D000 to U+DFFF. */
const SURROGATES_LEAD = 0xed;

const US_ASCII = new Set(['us-ascii', 'ascii', 'iso646-us']);
/** The Encoding Standard takes these names for windows-1252. */
const LATIN_1 = new Set(['iso-8859-1', 'iso8859-1', 'iso8859_1', 'latin1', 'l1']);
const UTF_8 = new Set(['utf-8', 'utf8', 'utf_8', 'unicode-1-1-utf-8']);
/** Names that only Java has. */
const javaNames: Readonly<Record<string, string>> = {
  unicodebigunmarked: 'utf-16be',
  unicodelittleunmarked: 'utf-16le',
  euc_jp: 'euc-jp',
  euc_kr: 'euc-kr',
  ms936: 'gbk',
  cp936: 'gbk',
};

/** Undefined for a name that this machine does not know. */
export function charsetDecoder(name: string): Decode | undefined {
  const label = name.trim().toLowerCase();
  if (US_ASCII.has(label)) return (bytes) => bytes.toString('latin1').replaceAll(/[\x80-\xff]/g, REPLACEMENT);
  if (LATIN_1.has(label)) return (bytes) => bytes.toString('latin1');
  if (UTF_8.has(label)) return decodeUtf8;
  if (label === 'utf-16') return decodeUtf16;
  return decoderOf(javaNames[label] ?? label);
}

/** Node's way but for half a surrogate pair, which in Java is one malformed character, not one a byte. */
export function decodeUtf8(bytes: Buffer): string {
  let text = '';
  let from = 0;
  for (let at = bytes.indexOf(SURROGATES_LEAD); at >= 0; at = bytes.indexOf(SURROGATES_LEAD, at + 1)) {
    if (((bytes[at + 1] ?? 0) & 0xe0) !== 0xa0) continue;
    text += bytes.toString('utf8', from, at) + REPLACEMENT;
    from = at + (((bytes[at + 2] ?? 0) & 0xc0) === 0x80 ? 3 : 2);
  }
  return text + bytes.toString('utf8', from);
}

function decoderOf(label: string): Decode | undefined {
  try {
    const decoder = new TextDecoder(label, { ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Big endian unless a mark says otherwise; the mark is taken off. */
function decodeUtf16(bytes: Buffer): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(bytes);
}
