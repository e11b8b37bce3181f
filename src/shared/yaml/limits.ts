/** What a text may cost before it is parsed: whoever sends it must not be able to keep the engine busy. */
import { Lexer } from 'yaml';

const MAX_LENGTH = 1024 * 1024;
/** A scenario with a thousand steps and a thousand checks has half as many. */
const MAX_LEXEMES = 100_000;
const MAX_DEPTH = 100;

/** Why a text is not parsed at all, and on which line that shows; null when it may be. Linear, and stops early. */
export function yamlLimitProblem(text: string): { line: number; message: string } | null {
  if (text.length > MAX_LENGTH) return { line: 1, message: 'It is longer than 1 MiB.' };
  let [count, depth, line, inLine] = [0, 0, 1, 0];
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > MAX_LEXEMES) return { line, message: `It has more than ${MAX_LEXEMES} words and marks.` };
    if (lexeme === '[' || lexeme === '{') depth++;
    else if (lexeme === ']' || lexeme === '}') depth = Math.max(0, depth - 1);
    // `- - - -`: block collections that nest on one line
    if (lexeme === '-' || lexeme === '?') inLine++;
    if (depth > MAX_DEPTH || inLine > MAX_DEPTH) return { line, message: `It nests more than ${MAX_DEPTH} deep.` };
    if (!lexeme.includes('\n')) continue;
    line += lexeme.split('\n').length - 1;
    inLine = 0;
  }
  return null;
}
