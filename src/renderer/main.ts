import { connectToHost } from './connection/connect.ts';
import { mountPage } from './app/page.ts';

mountPage(connectToHost);
