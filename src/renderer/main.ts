import { connectToHost } from './connect.ts';
import { mountPage } from './page.ts';

mountPage(connectToHost);
