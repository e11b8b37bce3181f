/** Socket.IO over WebSocket, with connection state recovery where the server has it. */
export const socketIo = String.raw`
dialect: 2
name: socket.io
label: Socket.IO
ids: {kind: opaque}
methods:
  websocket:
    url: '{base}/socket.io/?EIO=4&transport=websocket'
    # the handshake, pings and recovery are the codec's; open: [{send: {namespace: /chat, auth: {token: x}}}] tells it more
    framing: socket.io
    messages:
      - {is: event, type: /event}
`;
