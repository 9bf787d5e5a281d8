// SPDX-License-Identifier: GPL-2.0
/*
 * quantity - reads a variable-length quantity of a MIDI file
 *
 * quantity BYTE...    its bytes, in hexadecimal
 */
#include <stdio.h>
#include <stdlib.h>

/* Seven bits a byte, the highest first; the top bit says that more follow. */
static unsigned long quantity(char **bytes)
{
	unsigned long number = 0, byte;

	for (; *bytes; bytes++) {
		byte = strtoul(*bytes, NULL, 16);
		number = number << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			break;
	}
	return number;
}

int main(int argc, char **argv)
{
	(void)argc;
	printf("%lu\n", quantity(argv + 1));
	return 0;
}
