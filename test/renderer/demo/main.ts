import { mountPage } from '../../../src/renderer/app/page.ts';
import { demoEngine, type Scene } from './demo-engine.ts';

const query = new URLSearchParams(location.search);
const scene = (query.get('scene') ?? 'story') as Scene;
const theme = query.get('theme');
if (theme) localStorage.setItem('heartline.settings', JSON.stringify({ theme, coached: scene !== 'empty' }));

let calls = 0;
mountPage((handlers) => {
  if (scene === 'nothing' || (scene === 'lost' && calls++ > 0)) return Promise.reject(new Error('connection refused'));
  return Promise.resolve(demoEngine(scene, handlers));
});
