import { commandLine } from '../shell.js';
import { ORG_ID_ATTRIBUTE } from '../workflows/contract.js';

/** The command that an operator with the right to do it runs. */
export function registerCommand(namespace: string): string {
  return attributeCommand('create', namespace, '--type', 'Keyword');
}

/** The commands that give the attribute another type. */
export function retypeCommand(namespace: string): string {
  return `${attributeCommand('remove', namespace, '--yes')} && ${registerCommand(namespace)}`;
}

function attributeCommand(verb: string, namespace: string, ...more: string[]): string {
  return commandLine(
    ...['temporal', 'operator', 'search-attribute', verb],
    ...['--namespace', namespace, '--name', ORG_ID_ATTRIBUTE, ...more],
  );
}
