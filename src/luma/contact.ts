/**
 * Links and e-mail addresses inside of texts that are to name a place or an organizer. A link there is most often the
 * one to join by, an address most often a person's. In doubt a text counts as one: that costs a reader the street, and
 * the city is still shown.
 */

/** Services to meet on, by hosts that are links even where no path follows. */
const SERVICE =
  /(?<![\p{L}\p{N}-])(?:zoom\.(?:us|com)|zoomgov\.com|meet\.google\.com|teams\.(?:microsoft|live)\.com|webex\.com|gotomeeting\.com|gotomeet\.me|whereby\.com|jit\.si|8x8\.vc|gather\.town|discord\.(?:gg|com)|skype\.com|youtube\.com|youtu\.be|twitch\.tv|vimeo\.com|t\.me|wa\.me|whatsapp\.com|facebook\.com)(?![\p{L}\p{N}-])/iu;

/** Schemes whose links have no `//`. */
const SCHEME =
  /(?<![\p{L}\p{N}])(?:https?|ftp|mailto|tel|sms|sips?|callto|skype|facetime(?:-audio)?|xmpp|msteams|zoommtg|zoomus|whatsapp|tg|webcal|javascript):\S/iu;

/** Not `4.OG`, which is a floor in German. */
const HOST = /^(?!\d{1,2}\.\p{L}+$)(?:[\p{L}\p{M}\p{N}_-]+\.)+(?:\p{L}[\p{L}\p{M}]+|xn--[a-z0-9-]+)\.?$/iu;
const NUMERIC_HOST = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** A host that nothing follows has its last part in one case: "St.Gallen" is a city. */
const LONE_HOST =
  /^(?:[\p{L}\p{M}\p{N}_-]+\.)+(?:(?:[\p{Ll}\p{Lo}]\p{M}*){2,}|\p{Lu}{2,}|xn--[a-z0-9-]+)\.?$/u;

/** What no link holds, and what ends one in a sentence. */
const BETWEEN_WORDS = /[^\p{L}\p{M}\p{N}._~:/\\?#@%&+-]+|\.{2,}/u;

/** Linear. */
export function holdsLinkOrMail(text: string): boolean {
  const plain = readable(text);
  return (
    plain.includes('://') ||
    SCHEME.test(plain) ||
    SERVICE.test(plain) ||
    LONE_HOST.test(plain) ||
    holdsMail(plain) ||
    plain.split(BETWEEN_WORDS).some(isLink)
  );
}

/** `www.meet.example`, `meet.example/abc`, `meet.example:8443`, `meet.example?id=1`, `Zoom:meet.example/abc` */
function isLink(word: string): boolean {
  if (/^www\.[\p{L}\p{N}]/iu.test(word)) return true;
  const parts = word.split(/([/\\:?#])/u);
  return parts.some((part, index) => {
    const [separator = '', after = ''] = parts.slice(index + 1, index + 3);
    const isHost = separator !== '' && (HOST.test(part) || NUMERIC_HOST.test(part));
    return isHost && (/[/\\]/.test(separator) || (separator === ':' ? /^\d/ : /./u).test(after));
  });
}

/** Something before an `@`, and something with a dot behind it; with blanks around the `@`, before a host only. */
function holdsMail(text: string): boolean {
  const parts = text.split('@');
  return parts.some((after, index) => {
    const before = parts[index - 1];
    if (before === undefined || before.trim() === '') return false;
    if (/\S/u.test(before.slice(-1)) && /^[^\s.]+\.\S/u.test(after)) return true;
    const [word = ''] = after.trimStart().split(/[\s,;>)]/u, 1);
    return LONE_HOST.test(word);
  });
}

/** Without what hides a link from a program and not from a person: other forms of `@`, `:`, `.` and `/`. */
function readable(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/[。․]/gu, '.')
    .replace(/[⁄∕]/gu, '/')
    .replace(/%3a%2f%2f/giu, '://')
    .replace(/\s?[([{]\s?at\s?[)\]}]\s?|%40/giu, '@')
    .replace(/\s?[([{]\s?(?:\.|dot)\s?[)\]}]\s?/giu, '.')
    .replace(/\bhxxp/giu, 'http')
    .trim();
}
