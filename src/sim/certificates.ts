import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';

/** A certificate and its key, both PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** Subject alternative names: IP addresses become iPAddress, everything else dNSName. */
  readonly names?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A self-signed certificate authority (ECDSA P-256). */
export function createAuthority(commonName: string, notBefore: Date, notAfter: Date): Certificate {
  const keys = keyPair();
  const request = { commonName, notBefore, notAfter };
  return { certificate: signed(request, keys.spki, commonName, keys.privateKey, keys.spki, true), key: keys.pem };
}

/** A server and client certificate signed by `authority`. Its dates are taken as they are, so that an expired one can be made. */
export function issueCertificate(authority: Certificate, request: CertificateRequest): Certificate {
  const keys = keyPair();
  const issuer = new X509Certificate(authority.certificate);
  const issuerName = /CN=(.*)/.exec(issuer.subject)?.[1] ?? '';
  const issuerSpki = issuer.publicKey.export({ type: 'spki', format: 'der' });
  return { certificate: signed(request, keys.spki, issuerName, createPrivateKey(authority.key), issuerSpki, false), key: keys.pem };
}

function keyPair(): { readonly spki: Buffer; readonly privateKey: KeyObject; readonly pem: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return { spki: publicKey.export({ type: 'spki', format: 'der' }), privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/** RFC 5280: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }. */
function signed(request: CertificateRequest, subjectSpki: Buffer, issuer: string, issuerKey: KeyObject, issuerSpki: Buffer, isAuthority: boolean): string {
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const serial = randomBytes(16);
  // A serial number is a positive INTEGER in DER: the top bit clear, and the first byte not zero, which would be padding.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const extensions = [
    extension('2.5.29.19', isAuthority ? sequence(tlv(0x01, Buffer.from([0xff]))) : sequence(), true),
    // keyUsage bits: digitalSignature 0, keyCertSign 5, cRLSign 6
    extension('2.5.29.15', tlv(0x03, Buffer.from(isAuthority ? [1, 0b10000110] : [7, 0b10000000])), true),
    extension('2.5.29.14', tlv(0x04, keyIdentifier(subjectSpki))),
    extension('2.5.29.35', sequence(tlv(0x80, keyIdentifier(issuerSpki)))),
  ];
  if (!isAuthority) extensions.push(extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))));
  if (request.names && request.names.length > 0) extensions.push(extension('2.5.29.17', sequence(...request.names.map(alternativeName))));
  const tbs = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))), // version 3
    tlv(0x02, serial),
    algorithm,
    name(issuer, []),
    sequence(time(request.notBefore), time(request.notAfter)),
    name(request.commonName, request.organizations ?? []),
    subjectSpki,
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', tbs, issuerKey);
  const der = sequence(tbs, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function tlv(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = body.length < 0x80 ? Buffer.from([body.length]) : longLength(body.length);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}

function longLength(length: number): Buffer {
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function sequence(...content: readonly Buffer[]): Buffer {
  return tlv(0x30, ...content);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(0x06, Buffer.from(bytes));
}

function name(commonName: string, organizations: readonly string[]): Buffer {
  const attribute = (type: string, value: string): Buffer => tlv(0x31, sequence(oid(type), tlv(0x0c, Buffer.from(value))));
  return sequence(...organizations.map((value) => attribute('2.5.4.10', value)), attribute('2.5.4.3', commonName));
}

/** UTCTime until 2049, GeneralizedTime after. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits));
}

function alternativeName(value: string): Buffer {
  if (isIPv4(value)) return tlv(0x87, Buffer.from(value.split('.').map(Number)));
  if (isIP(value) === 6) throw new Error(`certificates: IPv6 name ${value} is not supported`);
  return tlv(0x82, Buffer.from(value));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [tlv(0x01, Buffer.from([0xff]))] : []), tlv(0x04, value));
}

function keyIdentifier(spki: Buffer): Buffer {
  return createHash('sha1').update(spki).digest();
}
