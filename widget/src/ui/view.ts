/** What the templates see of the widget, and what they can ask of it. */
import type { Options } from '../options';
import type { Choices } from '../talk/storage';
import type { Session } from '../talk/session';
import type { Say } from '../texts';

export interface Actions {
  tap(token: string, title: string): void;
  suggest(text: string): void;
  retry(id: string): void;
  giveUp(id: string): void;
  submit(): void;
  typed(event: Event): void;
  pick(): void;
  openFile(seq: number, id: string): void;
  attach(files: Iterable<File>): void;
  field(shown: boolean): void;
  close(): void;
  settings(open: boolean): void;
  choose(choices: Choices): void;
  toEnd(): void;
  scrolled(): void;
}

export interface View {
  options: Options;
  say: Say;
  session: Session;
  choices: Choices;
  actions: Actions;
}
