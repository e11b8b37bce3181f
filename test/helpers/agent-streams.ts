/** Streams of models and agents as transcripts, in the form that their documents give. */

export const data = (...all: unknown[]): string =>
  all.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
export const named = (...all: { type: string }[]): string =>
  all.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join('');
export const rpc = (result: object) => ({ jsonrpc: '2.0', id: 1, result });

/** What comes before the terminal message, the terminal message, and how many of the events are tokens. */
export const STREAMS: [dialect: string, before: string, terminal: string, events: number, tokens: number][] = [
  [
    'openai-chat',
    data(
      { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
      { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hé' } }] },
      { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: '\n' } }] },
      { object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      { object: 'chat.completion.chunk', choices: [], usage: { total_tokens: 9 } },
    ),
    data('[DONE]'),
    5,
    2,
  ],
  [
    'openai-responses',
    named(
      { type: 'response.created', sequence_number: 0 } as { type: string },
      { type: 'response.output_text.delta', sequence_number: 1, delta: 'Hé' } as { type: string },
      { type: 'response.output_text.done', sequence_number: 2, text: 'Hé' } as { type: string },
    ),
    named({ type: 'response.completed', sequence_number: 3, response: { error: null } } as { type: string }),
    3,
    1,
  ],
  [
    'anthropic-messages',
    named(
      { type: 'message_start', message: {} } as { type: string },
      { type: 'content_block_start', index: 0 } as { type: string },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hé' } } as { type: string },
      { type: 'content_block_stop', index: 0 } as { type: string },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } } as { type: string },
    ),
    named({ type: 'message_stop' }),
    5,
    1,
  ],
  [
    'ai-sdk-ui',
    data(
      { type: 'start' },
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: 'Hé' },
      { type: 'text-end', id: 't' },
      { type: 'finish' },
    ),
    data('[DONE]'),
    5,
    1,
  ],
  [
    'ag-ui',
    data(
      { type: 'RUN_STARTED', threadId: 'a', runId: 'b' },
      { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Hé' },
      { type: 'TEXT_MESSAGE_END', messageId: 'm' },
    ),
    data({ type: 'RUN_FINISHED', threadId: 'a', runId: 'b' }),
    4,
    1,
  ],
  [
    'a2a',
    data(
      rpc({ kind: 'task', id: 't', status: { state: 'submitted' } }),
      rpc({ kind: 'status-update', taskId: 't', status: { state: 'working' }, final: false }),
      rpc({ kind: 'artifact-update', taskId: 't', artifact: { parts: [{ kind: 'text', text: 'Hé' }] } }),
    ),
    data(rpc({ kind: 'status-update', taskId: 't', status: { state: 'completed' }, final: true })),
    3,
    1,
  ],
  [
    'a2a',
    data(
      rpc({ task: { id: 't', status: { state: 'TASK_STATE_SUBMITTED' } } }),
      rpc({ artifactUpdate: { taskId: 't', artifact: { parts: [{ text: 'Hé' }] } } }),
    ),
    data(rpc({ statusUpdate: { taskId: 't', status: { state: 'TASK_STATE_COMPLETED' } } })),
    2,
    1,
  ],
  [
    'mcp-2026-07-28',
    data({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } }),
    data(rpc({ content: [{ type: 'text', text: 'Hé' }] })),
    1,
    0,
  ],
];
