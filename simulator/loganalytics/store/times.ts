/** Numbers in the order in which they came, eight bytes each. */
export class Times {
  private all = new Float64Array(1024);
  private length = 0;

  push(time: number): void {
    if (this.length === this.all.length) {
      const room = new Float64Array(this.length * 2);
      room.set(this.all);
      this.all = room;
    }
    this.all[this.length++] = time;
  }

  at(row: number): number {
    return this.all[row] ?? Number.NaN;
  }
}
