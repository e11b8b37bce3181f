import { define } from '../definition.ts';

export const redirect = define({
  id: 'redirect',
  label: 'Redirect',
  what: 'Requests are answered with a redirect instead of being passed on.',
  params: {
    status: {
      kind: 'choice',
      label: 'Status',
      default: '302',
      options: {
        '301': '301 Moved Permanently',
        '302': '302 Found',
        '303': '303 See Other',
        '307': '307 Temporary Redirect',
        '308': '308 Permanent Redirect',
      },
    },
    to: {
      kind: 'choice',
      label: 'To',
      default: 'login',
      options: { login: 'A login page', same: 'The same address again' },
    },
    first: {
      kind: 'number',
      label: 'The first requests',
      help: '0 is all of them.',
      default: 0,
      min: 0,
      max: 1e9,
      whole: true,
    },
  },
  summary: (params) => `${params.status} to ${params.to === 'login' ? 'a login page' : 'itself'}`,
  layer: 'http',
});
