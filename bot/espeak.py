"""espeak-ng in a program of its own: FOLDER VOICE RATE FILE, the text on standard input, a WAV file comes out.

Run by bot.audio with nothing but the standard library, so that it starts at once.
"""

import audioop
import ctypes
import sys
import wave

_SYNCHRONOUS, _UTF8 = 2, 1
_FRAME = ctypes.POINTER(ctypes.c_short)
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, _FRAME, ctypes.c_int, ctypes.c_void_p)
_WORDS_A_MINUTE, _PARAMETER_RATE = 140, 1  # slower than the usual 175: callers are excited


def main(folder: str, voice: str, rate: str, path: str) -> None:
    """Speak standard input into `path`; the exit code is not 0 where the voice is unknown."""
    library = ctypes.CDLL(f"{folder}/libespeak-ng.so")
    sound = bytearray()

    def take(samples, count, events):  # type: ignore[no-untyped-def]
        if samples and count > 0:
            sound.extend(ctypes.string_at(samples, count * 2))
        return 0

    callback = _CALLBACK(take)
    own_rate = library.espeak_Initialize(_SYNCHRONOUS, 0, f"{folder}/espeak-ng-data".encode(), 0)
    library.espeak_SetSynthCallback(callback)
    if own_rate <= 0 or library.espeak_SetVoiceByName(voice.encode()) != 0:
        sys.exit(f"espeak-ng does not speak {voice}")
    library.espeak_SetParameter(_PARAMETER_RATE, _WORDS_A_MINUTE, 0)
    text = sys.stdin.buffer.read()
    library.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    samples, _ = audioop.ratecv(bytes(sound), 2, 1, own_rate, int(rate), None)
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, int(rate), 0, "NONE", ""))
        file.writeframes(samples)


if __name__ == "__main__":
    main(*sys.argv[1:])
