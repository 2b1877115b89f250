import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continueToken, withoutManagedFields } from '../../src/cluster/list-body.ts';

const fields = [{ manager: 'kubectl', fieldsV1: { 'f:metadata': { 'f:labels': {}, 'k:{"type":"Ready"}': { '.': {}, 'f:x[0]': {} } } } }];
const withFields = (place: 'first' | 'middle' | 'last' | 'only', text = 'x'): object => ({
  items: [
    {
      metadata: {
        ...(place === 'middle' || place === 'last' ? { name: text } : {}),
        managedFields: fields,
        ...(place === 'first' ? { name: text } : {}),
        ...(place === 'middle' ? { uid: 'u' } : {}),
      },
      spec: { note: text },
    },
  ],
});

for (const place of ['first', 'middle', 'last', 'only'] as const) {
  test(`managedFields are cut out wherever they stand: ${place}`, () => {
    const list = withFields(place) as { readonly items: readonly { readonly metadata: Record<string, unknown> }[] };
    const expected = structuredClone(list);
    for (const item of expected.items) delete item.metadata['managedFields'];

    const cut = withoutManagedFields(JSON.stringify(list));

    assert.deepEqual(JSON.parse(cut), expected);
    assert.ok(!cut.includes('managedFields'));
  });
}

test('brackets, quotes and the word itself inside of strings are no structure', () => {
  for (const text of ['a ] b', '[[[', 'say "managedFields":[ x', String.raw`back\\slash\" ]`, '轻舟 ]']) {
    const list = withFields('middle', text) as { readonly items: readonly { readonly metadata: { readonly name: string }; readonly spec: object }[] };
    const [item] = (JSON.parse(withoutManagedFields(JSON.stringify(list))) as typeof list).items;

    assert.deepEqual([item?.metadata, item?.spec], [{ name: text, uid: 'u' }, { note: text }]);
  }
});

test('brackets inside of the fields do not end them early', () => {
  const list = { items: [{ metadata: { managedFields: [{ a: 'x ] "', b: [[1], ['\\']] }], name: 'y' } }] };

  assert.deepEqual(JSON.parse(withoutManagedFields(JSON.stringify(list))), { items: [{ metadata: { name: 'y' } }] });
});

test('several objects, several cuts', () => {
  const items = Array.from({ length: 50 }, (_, index) => ({ metadata: { managedFields: fields, name: `p${index}` } }));

  assert.deepEqual(JSON.parse(withoutManagedFields(JSON.stringify({ items }))), { items: items.map(({ metadata: { name } }) => ({ metadata: { name } })) });
});

test('what has none, or is cut off in the middle, stays as it is', () => {
  const plain = '{"items":[{"metadata":{"name":"x"}}]}';
  const truncated = '{"items":[{"metadata":{"name":"x","managedFields":[{"manager":"ku';

  assert.equal(withoutManagedFields(plain), plain);
  assert.equal(withoutManagedFields(truncated), truncated);
});

test("the token of the next page is the list's own, not one that an object carries", () => {
  assert.equal(continueToken('{"kind":"PodList","metadata":{"resourceVersion":"1","continue":"abc.def"},"items":[]}'), 'abc.def');
  assert.equal(continueToken('{"metadata":{"continue": "abc"},"items":null}'), 'abc');
  assert.equal(continueToken('{"metadata":{"resourceVersion":"1"},"items":[{"spec":{"continue":"no"}}]}'), undefined);
  assert.equal(continueToken('{"metadata":{"continue":""},"items":[]}'), undefined);
  assert.equal(continueToken('no list'), undefined);
});
