// Types only: the service worker is one file, and shares no code with the page.

/** From a page to the build that waits: begin, if this is the only page. */
export type Begin = 'begin';
/** The answer when it is not. */
export type OtherTabs = 'other-tabs';
/** From a page to the build that it came from: it is on the screen, and the wallet's engine has read the disk. */
export type Started = 'started';
