/** What the first load says in Welsh. */
export { default as app } from './app.cy.json';
export { default as bulletin } from './app/bulletin.cy.json';
