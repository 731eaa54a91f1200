import { type DefaultTreeAdapterTypes, defaultTreeAdapter as tree, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** A page as a browser would read it. */
export interface ReadDocument {
  /** What the HTML standard calls errors of the text. */
  errors: string[];
  /** Elements of this name, and with these attributes. */
  all(tagName: string, attributes?: Record<string, string>): ReadElement[];
  /** The visible text of the page. */
  text: string;
}

export interface ReadElement {
  attributes: Record<string, string>;
  text: string;
}

export function readDocument(html: string): ReadDocument {
  const errors: string[] = [];
  const document = parse(html, {
    onParseError: ({ code, startLine }) => void errors.push(`${startLine}: ${code}`),
  });
  const elements = [...elementsIn(document)];
  return {
    errors,
    text: textOf(document),
    all: (tagName, attributes = {}) =>
      elements
        .filter((element) => element.tagName === tagName)
        .map((element) => ({ attributes: attributesOf(element), text: textOf(element) }))
        .filter((found) =>
          Object.entries(attributes).every(([name, value]) => found.attributes[name] === value),
        ),
  };
}

function* elementsIn(node: Node): Generator<Element> {
  if (!('childNodes' in node)) return;
  for (const child of node.childNodes) {
    if (tree.isElementNode(child)) yield child;
    yield* elementsIn(child);
  }
}

function attributesOf({ attrs }: Element): Record<string, string> {
  return Object.fromEntries(attrs.map(({ name, value }) => [name, value]));
}

function textOf(node: Node): string {
  if (tree.isTextNode(node)) return node.value;
  if (!('childNodes' in node)) return '';
  return node.childNodes.map(textOf).join('').replace(/\s+/g, ' ').trim();
}
