// Shows the sign-in form, in which the user selects one of the members.
import { findPerson, people } from '../people.js';
import { makeAvatar, byId, make } from './dom.js';

/** @import { Person } from '../types.js' */

/** @param {(person: Person) => void} onSignIn */
export function showPeople(onSignIn) {
  byId('people').append(
    ...people.map((person, index) =>
      make(
        'label',
        { class: 'person' },
        make('input', {
          type: 'radio',
          name: 'person',
          value: person.userId,
          checked: index === 0,
        }),
        makeAvatar(person),
        make('span', {}, make('strong', {}, person.name), make('small', {}, person.about)),
      ),
    ),
  );
  const form = /** @type {HTMLFormElement} */ (byId('sign-in'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const person = findPerson(new FormData(form).get('person'));
    if (person) onSignIn(person);
  });
}

/**
 * Selects the person with this user id. Keeps the selection if the form does not list the user id.
 *
 * @param {string} [userId]
 */
export function selectPerson(userId) {
  const input = document.querySelector(`input[value="${userId}"]`);
  if (input instanceof HTMLInputElement) input.checked = true;
}
