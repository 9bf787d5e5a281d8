#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Finds the pitch of a sound: pitch.py FILE.wav prints the loudest frequency in Hz.

The spectrum of the whole sound, by a fast Fourier transform behind a Hann window
(without one, a tone that does not fit into the window spills into all others).
"""

import sys
import wave

import numpy
from numpy.typing import NDArray

LOWEST = 20.0  # Hz; what is below cannot be heard


def loudest(samples: NDArray[numpy.float64], rate: int) -> float:
    """The loudest frequency of `samples`, of which there are `rate` a second."""
    size = 4 * len(samples)  # zeros behind the sound: four steps in place of one
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples)), size))
    spectrum[: int(LOWEST * size / rate)] = 0
    return float(numpy.argmax(spectrum)) * rate / size


def main(args: list[str]) -> int:
    """0: printed; 1: silence; 2: usage."""
    if len(args) != 1:
        print("usage: pitch.py FILE.wav", file=sys.stderr)
        return 2
    with wave.open(args[0]) as sound:
        frames = sound.readframes(sound.getnframes())
        rate, channels = sound.getframerate(), sound.getnchannels()
    samples = numpy.frombuffer(frames, "<i2").astype(float)[::channels]
    if not samples.any():
        print("silence")
        return 1
    print(f"{loudest(samples, rate):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
