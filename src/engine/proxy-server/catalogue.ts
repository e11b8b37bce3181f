import { DEFINITIONS } from '../../shared/path/definitions.ts';
import { PRESETS } from '../../shared/path/presets/index.ts';

/** Everything that can be named as a type, for whoever asks what there is. */
export function catalogue(): { faults: object[]; presets: object[] } {
  return {
    faults: Object.values(DEFINITIONS).map(({ id, label, what, params }) => {
      const { dir, chance: _, lanes: __, ...attributes } = params;
      return { id, label, what, direction: dir !== undefined, attributes };
    }),
    presets: Object.values(PRESETS),
  };
}
