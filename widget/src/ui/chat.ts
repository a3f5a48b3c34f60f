/** The custom element: everything a shop's page gets of us stands below it. */
import { html, LitElement, nothing, type CSSResult, type PropertyValues, type TemplateResult } from 'lit';
import type { Options } from '../options';
import { palette } from '../color';
import { chime } from '../sound';
import { styles } from '../styles';
import { themeSheet } from '../styles/theme';
import { Session } from '../talk/session';
import { Storage, type Choices } from '../talk/storage';
import { unread } from '../talk/talk';
import { sayer } from '../texts';
import type { Entry, Order } from '../wire';
import { composer, fieldValue, objection, type Field } from './composer';
import { copyPlain } from './copy';
import { openApart } from './files';
import { keepInside, pageFocus, touches } from './focus';
import { header, launcher, settings } from './header';
import { asked, log } from './log';
import { statusName } from './order-card';
import type { Actions, View } from './view';

const NEAR_END_PX = 80;
const NOTICE_MS = 6_000;
const PHONE = '(max-width: 480px)';

export class PeykChat extends LitElement {
  static override styles: CSSResult[] = styles;
  static override properties = {
    isOpen: { state: true },
    settingsOpen: { state: true },
    writing: { state: true },
    notice: { state: true },
    below: { state: true },
    choices: { state: true },
  };

  declare private isOpen: boolean;
  declare private settingsOpen: boolean;
  declare private writing: boolean;
  declare private notice: string;
  declare private below: boolean;
  declare private choices: Choices;
  private options!: Options;
  private view!: View;
  private session!: Session;
  private storage!: Storage;
  private atEnd = true;
  private wasDown = false;
  private comeBack: HTMLElement | undefined;
  private noticeEnds: ReturnType<typeof setTimeout> | undefined;
  private field: Field | undefined;
  private wrote: Element | null = null;
  /** The first message of those that just came: it stays in sight, however long they are. */
  private pin = 0;
  /** What is being written here; another tab has its own. */
  private draft = '';
  private settling: number | undefined;

  /** Take the shop's options; once, before the element is put into the page. */
  setUp(options: Options): void {
    this.options = options;
    this.storage = new Storage(options.server);
    this.draft = this.storage.draft;
    this.choices = this.storage.choices({ sound: options.sound, badge: options.badge, size: 0 });
    this.isOpen = this.settingsOpen = this.writing = this.below = false;
    this.notice = '';
    const say = sayer(options.language, options.texts);
    this.session = new Session(options.server, options.language, options.page, this.storage, {
      changed: () => this.sessionChanged(),
      heard: (entry) => this.heard(entry),
      orderMoved: (order) => this.orderMoved(order),
      refused: (text) => this.say(text),
    });
    this.view = { options, say, session: this.session, choices: this.choices, actions: this.actions };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const root = this.renderRoot as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, themeSheet(palette(this.options.color))];
    document.addEventListener('visibilitychange', this.settle);
    visualViewport?.addEventListener('resize', this.fit);
    // Who has been here before is told of answers without opening anything.
    if (this.session.known) this.session.start();
    if (this.options.open && !matchMedia(PHONE).matches) this.open(false);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.settle);
    visualViewport?.removeEventListener('resize', this.fit);
    this.session.stop();
  }

  open(focus = true): void {
    if (this.isOpen) return;
    this.comeBack = pageFocus(this);
    this.isOpen = true;
    this.atEnd = true;
    this.session.start();
    void this.updateComplete.then(() => {
      // Asking how high the screen is lays everything out; only where a keyboard comes up on it is that worth it.
      if (touches()) this.fit();
      this.grow();
      if (focus) this.focusInput();
    });
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = this.settingsOpen = false;
    void this.updateComplete.then(() => {
      const back = this.comeBack?.isConnected ? this.comeBack : this.find('.launcher');
      back?.focus();
    });
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  /** Open the chat and say `text` for the customer, as a tapped suggestion does. */
  ask(text: string): void {
    this.open();
    this.actions.suggest(text);
  }

  private readonly actions: Actions = {
    tap: (token, title) => this.thenWrite(() => this.session.tap(token, title)),
    suggest: (text) => this.thenWrite(() => this.session.say(text)),
    retry: (id) => this.thenWrite(() => this.session.retry(id)),
    giveUp: (id) => this.thenWrite(() => this.session.giveUp(id)),
    submit: () => this.submit(),
    typed: () => this.typed(),
    pick: () => this.find<HTMLInputElement>('.picker')?.click(),
    attach: (files) => this.attach(files),
    openFile: (seq, id) => void this.openFile(seq, id),
    field: (shown) => {
      this.writing = !shown;
      void this.updateComplete.then(() => this.find('.write')?.focus());
    },
    close: () => this.close(),
    settings: (open) => (this.settingsOpen = open),
    choose: (choices) => {
      this.choices = choices;
      this.storage.choose(choices);
      if (choices.sound) chime();
    },
    toEnd: () => {
      this.atEnd = true;
      this.pin = 0;
      this.below = false;
      this.requestUpdate();
      this.find('.log')?.focus();
    },
    scrolled: () => {
      const place = this.find('.log');
      if (!place) return;
      this.atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < NEAR_END_PX;
      if (!this.atEnd) return;
      this.below = false;
      this.pin = 0;
    },
  };

  protected override render(): TemplateResult {
    const { language, side, theme } = this.options;
    this.view.choices = this.choices;
    return html`<div
      class="root side-${side} ${this.isOpen ? 'open' : ''}"
      lang=${language}
      dir=${language === 'fa' ? 'rtl' : 'ltr'}
      data-theme=${theme}
      data-size=${this.choices.size}
      @keydown=${this.keyed}
      @copy=${copyPlain}
    >
      ${this.isOpen ? this.panel() : launcher(this.view, unread(this.session.talk, this.storage.read), () => this.open())}
      ${this.isOpen ? nothing : html`<p class="unseen" role="status">${this.status()}</p>`}
    </div>`;
  }

  private panel(): TemplateResult {
    const { say } = this.view;
    const input = asked(this.view);
    this.field = input === 'otp' || input === 'mobile' ? input : undefined;
    const status = this.status();
    const phone = matchMedia(PHONE).matches;
    return html`<section
      class="panel"
      role="dialog"
      aria-modal=${phone ? 'true' : nothing}
      aria-labelledby="peyk-title"
    >
      ${header(this.view, this.settingsOpen)} ${this.settingsOpen ? settings(this.view) : nothing}
      <p class="line ${status ? 'shown' : ''} ${this.session.state}" role="status">${status}</p>
      <div
        class="log"
        role="log"
        aria-live="polite"
        aria-label=${say('log')}
        tabindex="0"
        @scroll=${this.actions.scrolled}
      >
        ${log(this.view)} ${this.typingSign()}
      </div>
      ${
        this.below
          ? html`<button type="button" class="below" @click=${this.actions.toEnd}>${say('new_below')}</button>`
          : nothing
      }
      ${composer(this.view, this.field, this.writing, this.draft)}
    </section>`;
  }

  private typingSign(): TemplateResult | typeof nothing {
    const who = this.session.typing;
    if (!who) return nothing;
    return html`<div class="message theirs typing" aria-hidden="true">
      <div class="bubble">
        <span class="dots"><i></i><i></i><i></i></span>
      </div>
    </div>`;
  }

  private status(): string {
    if (this.session.state === 'down') return this.view.say('offline');
    if (this.session.fileLate) return this.view.say('upload_again');
    return this.notice;
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    this.wrote = this.focused?.closest('.composer') ? this.focused : null;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    // Once a picture of the screen, however much has come: each look at where things stand lays everything out.
    this.settling ??= requestAnimationFrame(this.settle);
    // Another field has taken the place of the one the customer was in.
    if (this.wrote && !this.wrote.isConnected) this.find('.write')?.focus();
  }

  /** Come to rest on what is new, and only then count it as read. */
  private readonly settle = (): void => {
    if (this.settling !== undefined) cancelAnimationFrame(this.settling);
    this.settling = undefined;
    const place = this.find('.log');
    if (place && this.atEnd) this.follow(place);
    this.looked();
  };

  /** Show the newest, but never past the beginning of what the customer has not read yet. */
  private follow(place: HTMLElement): void {
    const all = [...place.querySelectorAll<HTMLElement>('[data-seq]')];
    const seqOf = (each: HTMLElement): number => Number(each.dataset['seq']);
    const { read } = this.storage;
    const fresh = all.find((each) => seqOf(each) > read);
    if (fresh) this.pin = seqOf(fresh);
    const pinned = all.find((each) => seqOf(each) === this.pin);
    const end = place.scrollHeight - place.clientHeight;
    place.scrollTop = pinned ? Math.min(end, pinned.offsetTop - place.offsetTop - 12) : end;
  }

  private sessionChanged(): void {
    if (this.session.state === 'down') this.wasDown = true;
    if (this.session.state === 'up' && this.wasDown) {
      this.wasDown = false;
      this.say(this.view.say('online_again'));
    }
    // A field for a code does not push away words that are half written.
    if (!asked(this.view)) this.writing = false;
    else if (!this.field && this.draft) this.writing = true;
    this.requestUpdate();
  }

  private heard(entry: Entry): void {
    const looking = this.isOpen && document.visibilityState === 'visible';
    if (this.choices.sound && !looking) chime();
    if (this.isOpen && !this.atEnd && entry.author !== 'customer') this.below = true;
  }

  private orderMoved(order: Order): void {
    const status = statusName(this.view, order);
    this.say(this.view.say('order_moved', { number: order.orderId, status }));
  }

  /** Say something for a while, to eyes and to screen readers. */
  private say(text: string): void {
    clearTimeout(this.noticeEnds);
    this.notice = text;
    this.noticeEnds = setTimeout(() => (this.notice = ''), NOTICE_MS);
  }

  private submit(): void {
    const input = this.find<HTMLInputElement | HTMLTextAreaElement>('.write');
    if (!input) return;
    const plain = input instanceof HTMLTextAreaElement;
    const text = plain ? input.value.trim() : fieldValue(input.value);
    if (!text) return;
    input.value = '';
    this.atEnd = true;
    this.pin = 0;
    this.session.say(text);
    if (plain) this.storage.draft = this.draft = '';
    this.grow();
    void this.updateComplete.then(() => this.find('.write')?.focus());
  }

  private typed(): void {
    const input = this.find<HTMLTextAreaElement>('textarea.write');
    this.storage.draft = this.draft = input?.value ?? '';
    this.session.types();
    this.grow();
  }

  private attach(files: Iterable<File>): void {
    for (const file of files) {
      const reason = objection(file);
      if (reason) this.say(this.view.say(reason));
      else this.thenWrite(() => this.session.attach(file));
    }
  }

  private async openFile(seq: number, id: string): Promise<void> {
    const found = await this.session.fileAddress(seq, id);
    if ('address' in found) openApart(found.address);
    else this.say(found.reason || this.view.say('file_away'));
  }

  /** Do what takes the pressed button away; the keyboard then stands where one goes on. */
  private thenWrite(act: () => void): void {
    this.atEnd = true;
    this.pin = 0;
    act();
    void this.updateComplete.then(() => this.focusInput());
  }

  private focusInput(): void {
    this.find(touches() ? '.log' : '.write')?.focus();
  }

  private readonly keyed = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.isOpen) {
      event.stopPropagation();
      if (this.settingsOpen) {
        this.settingsOpen = false;
        this.find('.gear')?.focus();
      } else {
        this.close();
      }
    }
    const panel = this.find('.panel');
    if (event.key === 'Tab' && panel && matchMedia(PHONE).matches) keepInside(panel, this.focused, event);
  };

  /** What stands on the screen has been read. */
  private looked(): void {
    if (!this.isOpen || document.visibilityState !== 'visible') return;
    const last = Math.max(0, ...this.session.talk.entries.keys());
    if (last <= this.storage.read) return;
    this.storage.read = last;
    this.session.seen(last);
  }

  /** The keyboard of a phone takes half the screen; the panel keeps to the other half. */
  private readonly fit = (): void => {
    const panel = this.find('.panel');
    if (panel && visualViewport) panel.style.setProperty('--pk-screen', `${Math.round(visualViewport.height)}px`);
  };

  private grow(): void {
    const input = this.find<HTMLTextAreaElement>('textarea.write');
    if (!input) return;
    // Laying everything out only to learn that nothing is as high as one line would cost a customer's first moments.
    input.style.height = input.value ? 'auto' : '';
    if (!input.value) return;
    input.style.height = `${Math.min(input.scrollHeight, 140)}px`;
  }

  private get focused(): Element | null {
    return (this.renderRoot as ShadowRoot).activeElement;
  }

  private find<T extends HTMLElement = HTMLElement>(selector: string): T | null {
    return this.renderRoot.querySelector<T>(selector);
  }
}
