import type { Pinia } from 'pinia';
import type { OpenedInPage } from '../../shared/opened.ts';
import { replayRecording } from '../connection/replay.ts';
import { useStoryboard } from '../features/storyboard/storyboard.ts';
import { useLive } from '../stores/live.ts';
import { useUi } from '../stores/ui.ts';

/** The one door for what comes from outside: each is shown where it belongs, and nothing of it is run. */
export function openInPage(what: OpenedInPage, pinia: Pinia): void {
  const ui = useUi(pinia);
  switch (what.kind) {
    case 'endpoint':
      ui.offeredEndpoint = what;
      ui.open('target');
      return;
    case 'scenario':
      useStoryboard(pinia).openDraft(what.text);
      ui.showPath('storyboard');
      return;
    case 'recording': {
      const live = useLive(pinia);
      ui.view = 'live';
      live.showRecording(what.name, replayRecording(what.records, live.info ?? {}));
    }
  }
}
