/** Files in a bubble, and how one is opened: links are over soon, the page may stay open for hours. */
import { html, type TemplateResult } from 'lit';
import { webAddress } from '../options';
import type { FileFact } from '../wire';
import { icon } from './icons';
import type { View } from './view';

/** Return the files of a bubble; `seq` is the number of their entry, once there is one. */
export function files(view: View, sent: FileFact[], seq?: number): TemplateResult {
  return html`<ul class="files">
    ${sent.map((file) => {
      const address = webAddress(file.url, `${view.options.server}/`);
      const name = html`${icon(file.type.startsWith('image/') ? 'picture' : 'file')}<span class="file-name" dir="auto"
          >${file.name || view.say('file_lost')}</span
        >`;
      const label = view.say('open_file', { name: file.name });
      const clicked = (event: MouseEvent): void => {
        // A press of the wheel opens a link, too; other buttons do not.
        if (seq === undefined || event.button > 1) return;
        event.preventDefault();
        view.actions.openFile(seq, file.id);
      };
      return html`<li>
        ${
          address
            ? html`<a
                class="file"
                href=${address}
                target="_blank"
                rel="noopener noreferrer"
                aria-label=${label}
                @click=${clicked}
                @auxclick=${clicked}
                >${name}</a
              >`
            : html`<span class="file">${name}</span>`
        }
      </li>`;
    })}
  </ul>`;
}

/** Open an address as a link of ours does; a page's policy has nothing to say here, and the new tab knows nothing of us. */
export function openApart(address: string): void {
  const link = document.createElement('a');
  Object.assign(link, { href: address, target: '_blank', rel: 'noopener noreferrer' });
  link.click();
}
