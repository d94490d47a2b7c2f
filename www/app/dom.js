// Creates and finds elements. No markup is built from strings, so data from the network can only
// become text.

/**
 * Creates an element: `make('p', { class: 'hint', hidden: true }, 'text', child)`. Attributes that
 * are `undefined` or `false` are left out.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | boolean | undefined>} [attributes]
 * @param {...(Node | string | null | undefined)} children
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false)
      element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/**
 * Returns the first element that matches a selector. Throws if the page has none.
 *
 * @param {string} selector
 */
export function find(selector) {
  const element = document.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return element;
}

/** @param {string} id */
export const byId = (id) => find(`#${id}`);

/**
 * Sets custom properties through the object model, because the page's Content-Security-Policy
 * allows no style attributes. Returns the element.
 *
 * @template {HTMLElement} E
 * @param {E} element
 * @param {Record<string, string | number>} properties
 */
export function style(element, properties) {
  for (const [name, value] of Object.entries(properties))
    element.style.setProperty(name, String(value));
  return element;
}

/**
 * Makes an avatar: the initials of a person on a background in the person's colour.
 *
 * @param {{ initials: string, hue: number }} person
 */
export const makeAvatar = ({ initials, hue }) =>
  style(make('span', { class: 'avatar', 'aria-hidden': 'true' }, initials), { '--hue': hue });

/**
 * Formats a duration: `<1 ms`, `120 ms`, `1.2 s`, `30 s`.
 *
 * @param {number} ms
 */
export function formatDuration(ms) {
  if (ms >= 9950) return `${Math.round(ms / 1000)} s`;
  if (ms >= 995) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`;
}
