export { channelIdOfFunding } from './phases/opening/first-commitments.ts';
