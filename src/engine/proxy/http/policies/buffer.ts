import type { buffer as definition } from '../../../../shared/path/policies/buffer.ts';
import { dropField, field } from '../message.ts';
import type { PolicyImpl } from '../policy.ts';
import { BlockFilter, DelayFilter, FirstByteFilter, OneBehindFilter } from '../body-filters.ts';

/** How an intermediary keeps answers back. */
export const buffer: PolicyImpl<typeof definition> = {
  bodyFilter(x, params, emit) {
    if (params.methods === 'get' && !['GET', 'HEAD'].includes(x.request.method)) return null;
    if (params.accel === 'honoured') {
      const no = field(x.response!, 'x-accel-buffering')?.toLowerCase() === 'no';
      dropField(x.response!, 'x-accel-buffering');
      if (no) return null;
    }
    switch (params.hold) {
      case 'block':
        return new BlockFilter(emit, params.bytes, true);
      case 'until-end':
      case 'body-until-end':
        return new BlockFilter(emit, Infinity, params.hold === 'until-end');
      case 'first-byte':
        return new FirstByteFilter(emit);
      case 'delay':
        return new DelayFilter(emit, params.time, params.pieces, x.clock);
      case 'one-behind':
        return new OneBehindFilter(emit);
      default:
        return null;
    }
  },
};
