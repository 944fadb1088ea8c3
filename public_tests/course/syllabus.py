"""The path through the course. Written by `make release` from the syllabus in course/README.md."""

__all__ = ["ASSIGNMENTS", "LESSONS", "MILESTONES", "PATH", "REPOSITORY", "SITE"]
__all__ += ["SOLUTIONS_ON_SITE"]

REPOSITORY = "convolution-course/convolution-step-by-step/blob/notebooks"  # as in the addresses of GitHub and Colab
SITE = "https://convolution-course.github.io/convolution-step-by-step/"  # the web site
SOLUTIONS_ON_SITE = True  # in its notebooks
LESSONS: dict[str, tuple[str, int, bool]] = {  # title, checked exercises, optional
    '00_start_here': ('Start here', 4, False),
    '01_images_and_convolution': ('Images and convolution', 4, False),
    '02_kernels': ('Kernels', 4, False),
    '03_mathematics_of_convolution': ('The mathematics of convolution', 4, True),
    '04_padding': ('Padding', 5, False),
    '05_why_convolution': ('From dense to convolutional layers', 3, False),
    '06_convolution_layer': ('The convolution layer', 4, False),
    '07_convolution_layer_in_libraries': ('The convolution layer in libraries', 6, True),
    '08_output_sizes': ('Output sizes', 7, False),
    '09_receptive_fields': ('Receptive fields', 4, False),
    '10_pooling': ('Pooling', 6, False),
    '11_activations': ('Activations', 6, False),
    '12_losses': ('Losses', 5, False),
    '13_backpropagation': ('Backpropagation', 5, False),
    '14_training': ('Training', 3, False),
    '15_overfitting': ('Overfitting', 4, False),
    '16_one_layer_four_libraries': ('One layer, four libraries', 2, False),
    '17_batch_normalization': ('Batch normalization', 3, False),
    '18_architectures': ('Architectures', 3, False),
    '19_residual_networks': ('Residual networks', 3, False),
    '20_training_today': ('How networks are trained today', 3, False),
    '21_fashion_mnist': ('Fashion-MNIST', 3, False),
    '22_one_by_one_convolution': ('1x1 convolution', 3, False),
    '23_efficient_networks': ('Efficient networks', 3, False),
    '24_transposed_convolution': ('Transposed convolution', 3, False),
    '25_segmentation': ('Segmentation', 3, False),
    '26_what_filters_see': ('What filters see', 3, False),
    '27_explaining_predictions': ('Explaining predictions', 3, False),
    '28_transfer_learning': ('Transfer learning', 3, False),
    '29_after_2020': ('After 2020', 5, False),
    '30_working_in_colab': ('Saving and resuming training', 3, False),
    '31_project': ('Project', 3, False),
    '32_fast_convolution': ('Fast convolution', 3, True),
    '33_adversarial_examples': ('Adversarial examples', 3, True),
}
ASSIGNMENTS: dict[str, tuple[str, dict[str, float]]] = {  # what is built, points
    'padding': ('zero padding', {'zero_pad': 5}),
    'single_step': ('one step of a convolution', {'conv_single_step': 5}),
    'conv_forward': ('the whole convolution layer', {'conv_forward': 20}),
    'pooling': ('max and average pooling', {'pool_forward': 15}),
    'backprop': ('backpropagation through both', {'conv_backward': 20, 'create_mask_from_window': 5, 'distribute_value': 5, 'pool_backward': 15}),
    'arithmetic': ('sizes, amounts of padding, numbers of parameters', {'conv_parameters': 5, 'output_size': 5, 'padding_amounts': 10, 'transposed_size': 5}),
    'activations': ('sigmoid, ReLU, softmax, cross-entropy, and their gradients', {'relu': 5, 'relu_backward': 5, 'sigmoid': 5, 'sigmoid_backward': 5, 'softmax': 10, 'softmax_cross_entropy': 15, 'tanh_backward': 5}),
    'lenet': ('LeNet from layers of your own, checked and trained', {'dense_backward': 10, 'dense_forward': 5, 'lenet_forward': 15, 'lenet_gradients': 20, 'momentum_step': 5}),
    'one_by_one': ('1x1 convolution, and an answer in words', {'dense_as_convolution': 5, 'one_by_one_forward': 10}),
    'transposed_conv': ('transposed convolution', {'conv_transpose_forward': 15}),
}
MILESTONES: dict[str, tuple[str, tuple[str, ...]]] = {  # title, exercises that open it
    '1': ('Your convolution finds the edges of a photograph', ('zero_pad', 'conv_single_step', 'conv_forward')),
    '2': ('Your layers run a trained edge network', ('zero_pad', 'conv_single_step', 'conv_forward', 'pool_forward')),
    '3': ("Your gradients learn Sobel's kernel from an image", ('zero_pad', 'conv_single_step', 'conv_forward', 'conv_backward')),
    '4': ('Your LeNet reads digits better than a linear classifier', ('zero_pad', 'conv_single_step', 'conv_forward', 'pool_forward', 'dense_forward', 'dense_backward', 'lenet_forward', 'lenet_gradients', 'momentum_step')),
    '5': ('Your fast convolution runs VGG-16', ('zero_pad', 'conv_single_step', 'conv_forward', 'pool_forward')),
}
PATH = tuple('00_start_here 01_images_and_convolution 02_kernels 03_mathematics_of_convolution 04_padding padding 05_why_convolution 06_convolution_layer single_step conv_forward 1 07_convolution_layer_in_libraries 08_output_sizes 09_receptive_fields arithmetic 10_pooling pooling 2 11_activations 12_losses activations 13_backpropagation backprop 3 14_training 15_overfitting 16_one_layer_four_libraries 17_batch_normalization 18_architectures 19_residual_networks 20_training_today 21_fashion_mnist lenet 4 5 22_one_by_one_convolution one_by_one 23_efficient_networks 24_transposed_convolution transposed_conv 25_segmentation 26_what_filters_see 27_explaining_predictions 28_transfer_learning 29_after_2020 30_working_in_colab 31_project 32_fast_convolution 33_adversarial_examples'.split())
