import { connectToHost } from './connection/connect.ts';
import { onOpenedByHost } from './connection/opened.ts';
import { onShellPort } from './connection/shell-port.ts';
import { mountPage } from './app/page.ts';

mountPage(connectToHost, onOpenedByHost, onShellPort);
