import { fillText, NoValue, type TemplateValues } from '../../shared/dialect/template.ts';
import { methodOf, type Dialect } from '../../shared/dialect/model.ts';
import { planRequest } from '../../shared/dialect/plan.ts';
import { Failure } from '../../shared/failure.ts';
import { IdReader } from '../client/dialect/ids.ts';
import type { LaneUrl } from './lane-roster.ts';

/**
 * What a lane will send is made up once before anything is sent: a template that has no value is no empty text on the wire.
 * @param start where the lanes begin
 * @param values what the endpoint lends; `token`: whether there is one
 * @throws Failure `no-value` naming the template and the block of the dialect
 */
export function checkTemplates(
  dialect: Dialect,
  lanes: readonly Pick<LaneUrl, 'method' | 'url'>[],
  start: string | null,
  values: TemplateValues,
): void {
  const epoch = start === null ? null : new IdReader(dialect.ids).epochOf(start);
  for (const { method, url } of lanes) {
    const attempt = (cursor: string | null, resume: boolean, known: string | null): void => {
      const lookUp: TemplateValues = (name) => (name === 'epoch' ? known : values(name));
      planRequest(dialect, method, url, { cursor, resume }, lookUp);
      fillText(url, lookUp);
    };
    try {
      attempt(start, false, epoch);
      if (methodOf(dialect, method).resume !== 'none') attempt(start ?? '1', true, 'e');
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
      const { template } = error;
      throw new Failure({
        code: 'no-value',
        message: `{${template}} has no value for ${method}.`,
        hint: hintOf(template),
        place: `dialect ${dialect.name}: methods.${method}`,
        exit: 2,
      });
    }
  }
}

function hintOf(template: string): string {
  if (template.startsWith('var.'))
    return `Give it with --var ${template.slice(4)}=VALUE, or among the variables of the endpoint.`;
  if (template === 'token') return 'Give one with --token, --token-cmd or --token-url.';
  return `Write {${template}?} to leave its key out where there is none.`;
}
