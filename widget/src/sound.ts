/** Two soft tones for a new message, made on the spot: nothing to download. */

let audio: AudioContext | undefined;

export function chime(): void {
  try {
    audio ??= new AudioContext();
    // Before the customer's first click browsers keep it silent; then so do we.
    if (audio.state === 'suspended') void audio.resume();
    const begin = audio.currentTime;
    for (const [place, pitch] of [660, 880].entries()) tone(audio, pitch, begin + place * 0.12);
  } catch {
    // No sound here.
  }
}

function tone(context: AudioContext, pitch: number, at: number): void {
  const volume = context.createGain();
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.08, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
  const source = context.createOscillator();
  source.frequency.value = pitch;
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + 0.32);
}
