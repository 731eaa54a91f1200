import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './api-error.js';

/** An empty body is an empty object. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MOST_CHARACTERS) throw new ApiError(413, 'too-large', 'The body is too large.');
  }
  try {
    return text.trim() === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    throw badRequest('The body is not JSON.');
  }
}

const MOST_CHARACTERS = 8 * 1024 * 1024;
