// The members of Fernhill Allotments, the made-up app of this demo. The page shows them, and the
// worker rejects any other user id.

/** @import { Person } from './types.js' */

/** @type {Person[]} */
export const people = [
  { userId: 'ines', name: 'Ines Okafor', about: 'Tomatoes, plot 4', initials: 'IO', hue: 24 },
  { userId: 'tomasz', name: 'Tomasz Lind', about: 'Bees and borage', initials: 'TL', hue: 250 },
  { userId: 'yuki', name: 'Yuki Haddad', about: 'Keeper of the compost', initials: 'YH', hue: 155 },
  {
    userId: 'rowan',
    name: 'Rowan Pike',
    about: 'Banned for selling weeds',
    initials: 'RP',
    hue: 345,
    isBanned: true,
  },
];

/** @param {unknown} userId */
export const findPerson = (userId) => people.find((person) => person.userId === userId);
