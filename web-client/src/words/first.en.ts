/** What the first load says in English. */
export { default as app } from './app.en.json';
export { default as bulletin } from './app/bulletin.en.json';
