/**
 * Adam (Kingma and Ba 2015, algorithm 1) with weights that decay apart from the gradient (Loshchilov and Hutter 2019, "Decoupled weight
 * decay regularization") and the gradient's norm bounded (Pascanu et al. 2013).
 */
export class Adam {
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  private firstDecay = 1;
  private secondDecay = 1;

  constructor(length: number) {
    this.first = new Float32Array(length);
    this.second = new Float32Array(length);
  }

  /**
   * Moves the parameters against the gradient.
   *
   * @param most greatest norm of a gradient; a longer one is shortened to it
   * @param decay share of a parameter that goes, at a rate of 1
   */
  step(parameters: Float32Array, gradient: Float32Array, rate: number, most: number, decay: number): void {
    let square = 0;
    for (let i = 0; i < gradient.length; i++) square += gradient[i] * gradient[i];
    const norm = Math.sqrt(square);
    const factor = norm > most ? most / norm : 1;
    this.firstDecay *= 0.9;
    this.secondDecay *= 0.999;
    const keep = 1 - rate * decay;
    const size = rate / (1 - this.firstDecay);
    const spread = 1 / (1 - this.secondDecay);
    for (let i = 0; i < gradient.length; i++) {
      const g = factor * gradient[i];
      this.first[i] += 0.1 * (g - this.first[i]);
      this.second[i] += 0.001 * (g * g - this.second[i]);
      parameters[i] = keep * parameters[i] - (size * this.first[i]) / (Math.sqrt(spread * this.second[i]) + 1e-8);
    }
  }
}
