/** What a customer copies from the conversation is what it says: no invisible marks, digits any form takes. */
import { forClipboard } from '../text/bidi';

interface Selecting {
  getSelection?(): Selection | null;
}

export function copyPlain(event: ClipboardEvent): void {
  const [target] = event.composedPath();
  if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return;
  const root = (event.currentTarget as Node).getRootNode() as unknown as Selecting;
  // Chromium tells a shadow root's own selection by the root, others by the document.
  const selected = root.getSelection?.()?.toString() || document.getSelection()?.toString() || '';
  if (!selected || !event.clipboardData) return;
  event.clipboardData.setData('text/plain', forClipboard(selected));
  event.preventDefault();
}
