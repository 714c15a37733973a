/** What stands at an address that leads nowhere, for whoever is signed in. */
export default function NotFound() {
  return (
    <main id="content" className="message">
      <h1>There is no such page</h1>
      <p>The address may be mistyped, or the page may have moved.</p>
      <p>
        <a href="/vaults">Go to the vaults</a>
      </p>
    </main>
  );
}
