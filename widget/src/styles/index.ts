import { base } from './base';
import { bubbles } from './bubbles';
import { card } from './card';
import { composer } from './composer';
import { panel } from './panel';

/** All of the widget's sheets; constructed ones, which no page's policy forbids and no page's rules reach. */
export const styles = [base, panel, bubbles, card, composer];
