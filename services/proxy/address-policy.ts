import { BlockList, isIP } from 'node:net';

/** `public`: the whole internet and nothing else; otherwise an address or a range such as `10.0.0.0/8`, `::1`. */
export type AllowRule = string;

// IANA's special-purpose registries: whatever is not a host on the internet.
const PRIVATE_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** What is handed out to hosts. */
const GLOBAL_V6 = ['2000::/3'];
const PRIVATE_V6 = [
  // Teredo, ORCHID and others; documentation.
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
  // 6to4 carries an IPv4 address, possibly a private one.
  '2002::/16',
];

const familyOf = (address: string): 'ipv4' | 'ipv6' | null =>
  ({ 4: 'ipv4' as const, 6: 'ipv6' as const })[isIP(address)] ?? null;

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = familyOf(address);
    const bits = prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix);
    if (family === null || !Number.isInteger(bits)) throw new Error(`not an address range: ${range}`);
    list.addSubnet(address, bits, family);
  }
  return list;
}

const privateV4 = listOf(PRIVATE_V4);
const globalV6 = listOf(GLOBAL_V6);
const privateV6 = listOf(PRIVATE_V6);

/** An IPv4 address in IPv6's clothes, undressed. */
function unmapped(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const groups = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (groups === null) return address;
  const value = Number.parseInt(groups[1] ?? '', 16) * 65_536 + Number.parseInt(groups[2] ?? '', 16);
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

function isPublic(address: string): boolean {
  return familyOf(address) === 'ipv4'
    ? !privateV4.check(address, 'ipv4')
    : globalV6.check(address, 'ipv6') && !privateV6.check(address, 'ipv6');
}

/**
 * Which numeric addresses may be connected to.
 * @throws {Error} for a rule that is neither `public` nor a range
 */
export function addressPolicy(rules: readonly AllowRule[]): (address: string) => boolean {
  const allowsPublic = rules.includes('public');
  const allowed = listOf(rules.filter((rule) => rule !== 'public'));
  return (given) => {
    const address = unmapped(given);
    const family = familyOf(address);
    if (family === null) return false;
    return allowed.check(address, family) || (allowsPublic && isPublic(address));
  };
}
