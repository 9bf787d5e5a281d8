// SPDX-License-Identifier: GPL-2.0
/*
 * signs - what becomes of a number from outside when it is put into an int
 *
 * signs NUMBER
 */
#include <stdio.h>
#include <stdlib.h>

#define SLOTS 10 /* elements of the array for which this is to be an index */

/* Forgets the sign: -1 is below every limit. */
static int seems_valid(int index)
{
	return index < SLOTS;
}

/* Checks both ends. */
static int is_valid(int index)
{
	return index >= 0 && index < SLOTS;
}

/* The size of so many records of 16 bytes, in 32 bits. */
static unsigned int bytes_for(unsigned int count)
{
	return count * 16;
}

int main(int argc, char **argv)
{
	long long number = argc > 1 ? strtoll(argv[1], NULL, 0) : 0;
	int index = number;

	printf("int %d, seems valid: %d, is valid: %d, 16 bytes each: %u\n",
	       index, seems_valid(index), is_valid(index), bytes_for(index));
	return 0;
}
