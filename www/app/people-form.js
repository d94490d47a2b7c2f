// Who may sign in: the members, one of them chosen.
import { findPerson, people } from '../people.js';
import { avatar, byId, make } from './dom.js';

/** `onSignIn` gets the person that was chosen. */
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
        avatar(person),
        make('span', {}, make('strong', {}, person.name), make('small', {}, person.about)),
      ),
    ),
  );
  byId('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    onSignIn(findPerson(new FormData(byId('sign-in')).get('person')));
  });
}

/** After a reload the person who is signed in stands chosen. */
export function choosePerson(userId) {
  const input = document.querySelector(`input[value="${userId}"]`);
  if (input) input.checked = true;
}
