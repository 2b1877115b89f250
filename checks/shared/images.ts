/** The registry that an image is named after: its first part when that is a host, as docker and containerd read it. Undefined for images of docker.io. */
export function registryHostOf(image: string): string | undefined {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && (first === 'localhost' || /[.:]/.test(first)) ? first.toLowerCase() : undefined;
}
