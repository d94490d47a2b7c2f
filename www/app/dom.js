// Makes elements without markup in strings: what comes from the network can only ever become text.

/**
 * `make('p', { class: 'hint', hidden: true }, 'text', child)`; attributes that are `undefined` or
 * `false` are left out.
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

export const byId = (id) => document.getElementById(id);

/**
 * Custom properties go through the object model: the page's Content-Security-Policy allows no style
 * attributes.
 */
export function style(element, properties) {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
  return element;
}

/** The initials on a person's own colour. */
export const avatar = (person) =>
  style(make('span', { class: 'avatar', 'aria-hidden': 'true' }, person.initials), {
    '--hue': person.hue,
  });

export function duration(ms) {
  if (ms >= 9950) return `${Math.round(ms / 1000)} s`;
  if (ms >= 995) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`;
}
