/** The JSON Schema that editors read is made from the schema the reader uses, so that the two cannot disagree. */
import * as prettier from 'prettier';
import { expect, it } from 'vitest';
import { ScenarioSchema } from '../../../src/shared/scenario/schema.ts';
import type { JsonSchemaMetadata } from '../../../src/shared/scenario/values.ts';

interface Node {
  type: string;
  entries?: Record<string, Node>;
  item?: Node;
  wrapped?: Node;
  key?: Node;
  value?: Node;
  literal?: unknown;
  options?: readonly unknown[];
  pipe?: readonly { type: string; requirement?: unknown; metadata?: Partial<JsonSchemaMetadata> & { orText?: true } }[];
}
type Json = Record<string, unknown>;

function jsonSchema(node: Node): Json {
  const { json, orText } = node.pipe?.find((action) => action.type === 'metadata')?.metadata ?? {};
  if (json) return json;
  if (orText) return { oneOf: [{ type: 'string' }, bare(node)] };
  return { ...bare(node), ...bounds(node) };
}

function bare(node: Node): Json {
  switch (node.type) {
    case 'object': {
      const required = Object.entries(node.entries!).flatMap(([key, n]) => (n.type === 'exact_optional' ? [] : [key]));
      return {
        type: 'object',
        properties: Object.fromEntries(Object.entries(node.entries!).map(([key, n]) => [key, jsonSchema(n)])),
        ...(required.length > 0 ? { required } : {}),
        additionalProperties: false,
      };
    }
    case 'array':
      return { type: 'array', items: jsonSchema(node.item!) };
    case 'record':
      return { type: 'object', additionalProperties: jsonSchema(node.value!) };
    case 'exact_optional':
      return jsonSchema(node.wrapped!);
    case 'variant':
      return { oneOf: (node.options as Node[]).map(jsonSchema) };
    case 'picklist':
      return { enum: node.options };
    case 'literal':
      return { const: node.literal };
    case 'string':
    case 'number':
    case 'boolean':
      return { type: node.type };
    default:
      throw new Error(`no JSON Schema for ${node.type}`);
  }
}

function bounds(node: Node): Json {
  const list = node.type === 'array';
  return Object.assign(
    {},
    ...(node.pipe ?? []).map(({ type, requirement }): Json => {
      if (type === 'integer') return { type: 'integer' };
      if (type === 'min_value') return { minimum: requirement };
      if (type === 'max_value') return { maximum: requirement };
      if (type === 'min_length') return { [list ? 'minItems' : 'minLength']: requirement };
      if (type === 'max_length') return { [list ? 'maxItems' : 'maxLength']: requirement };
      return {};
    }),
  ) as Json;
}

it('is the schema file beside the shipped scenarios', async () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Heartline scenario',
    ...jsonSchema(ScenarioSchema as unknown as Node),
  };
  const file = 'scenarios/scenario.schema.json';
  const text = await prettier.format(JSON.stringify(schema), {
    ...(await prettier.resolveConfig(file)),
    parser: 'json',
  });
  // after a change of the schema: npx vitest run -u test/shared/scenario/json-schema.test.ts
  await expect(text).toMatchFileSnapshot(`../../../${file}`);
});
