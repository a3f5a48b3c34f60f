/** What a shop's page can ask of the widget: the one thing it leaves on `window`. */
export interface Chat {
  open(): void;
  close(): void;
  toggle(): void;
  ask(text: string): void;
}

/** Return the handle of a chat; a page may call it with anything, so `ask` takes words and nothing else. */
export function handleOf(chat: Chat): Readonly<Chat> {
  return Object.freeze({
    open: () => chat.open(),
    close: () => chat.close(),
    toggle: () => chat.toggle(),
    ask: (text: unknown) => {
      const said = typeof text === 'string' ? text.trim() : '';
      if (said) chat.ask(said);
    },
  });
}
