/** Of the module that build.mjs makes: it writes no other, and a page takes no other. */
export const MODULE_SHA256 = '3bc78c5127501ffe59bbb6cb34675a526b2cbca5516e7a496424dac766c239bf';
