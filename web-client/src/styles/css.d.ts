/** A page brings its own looks, which come with its code. */
declare module '*.css';
