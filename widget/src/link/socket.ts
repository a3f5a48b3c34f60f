/** The usual way: one WebSocket, with signs of life, because a dead one says nothing. */
import type { FromClient } from '../wire';
import { parse, type Events, type Greeting, type Link } from './link';

const OPEN_MS = 8_000;
const PING_MS = 25_000;
const SILENCE_MS = 10_000;

export function openSocket(server: string, greeting: Greeting, events: Events): Link {
  const socket = new WebSocket(`${server.replace(/^http/, 'ws')}/chat/socket`);
  let over = false;
  let ping: ReturnType<typeof setInterval> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined = setTimeout(end, OPEN_MS);

  function end(): void {
    if (over) return;
    over = true;
    clearTimeout(silence);
    clearInterval(ping);
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
    events.down();
  }

  function say(packet: FromClient): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(packet));
  }

  socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', ...greeting }));
  socket.onclose = end;
  socket.onerror = end;
  socket.onmessage = ({ data }) => {
    clearTimeout(silence);
    silence = undefined;
    const packet = parse(data);
    if (!packet || over) return;
    if (packet.type === 'welcome') {
      ping ??= setInterval(() => {
        say({ type: 'ping' });
        silence ??= setTimeout(end, SILENCE_MS);
      }, PING_MS);
    }
    events.packet(packet);
    if (packet.type === 'bye') end();
  };
  return {
    send: say,
    close() {
      events = { packet: () => undefined, down: () => undefined };
      end();
    },
  };
}
